// libcni behind the benchmarks' protocol: driver SETUP, where SETUP is JSON; then a request a line on stdin, an answer a
// line on stdout.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/containernetworking/cni/libcni"
)

type setup struct {
	PluginPath string `json:"pluginPath"`
	CacheDir   string `json:"cacheDir"`
	Conflist   string `json:"conflist"`
}

type container struct {
	ID       string `json:"id"`
	Netns    string `json:"netns"`
	HostPort int    `json:"hostPort"`
}

type request struct {
	Op          string      `json:"op"`
	Verbs       []string    `json:"verbs"`
	Containers  []container `json:"containers"`
	AtATime     int         `json:"atATime"`
	ContainerID string      `json:"containerId"`
}

type answer struct {
	Each        []float64 `json:"each"`
	Wall        float64   `json:"wall"`
	Found       int       `json:"found"`
	Rss         float64   `json:"rss"`
	Descriptors int       `json:"descriptors"`
	Delay       float64   `json:"delay"`
}

type driver struct {
	cni      *libcni.CNIConfig
	list     *libcni.NetworkConfigList
	cacheDir string
}

func main() {
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(text string) error {
	var s setup
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	list, err := libcni.ConfListFromFile(s.Conflist)
	if err != nil {
		return err
	}
	d := driver{libcni.NewCNIConfigWithCacheDir([]string{s.PluginPath}, s.CacheDir, nil), list, s.CacheDir}
	lines, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		a, err := d.do(r)
		if err != nil {
			return err
		}
		a.Rss, a.Descriptors = rss(), descriptors()
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

func (d *driver) do(r request) (a answer, err error) {
	startedAt := time.Now()
	switch r.Op {
	case "chains":
		a.Each, err = d.chains(r)
		a.Found = len(a.Each)
	case "gc":
		a.Found, err = d.gc(r.Containers)
	case "list":
		var found []attachment
		found, err = d.attachments(r.ContainerID)
		a.Found = len(found)
	case "state":
	default:
		err = fmt.Errorf("unknown operation %q", r.Op)
	}
	a.Wall = ms(time.Since(startedAt))
	if a.Each == nil {
		a.Each = []float64{a.Wall}
	}
	return a, err
}

// Takes every container through the verbs, so many at a time; how long each of them took.
func (d *driver) chains(r request) ([]float64, error) {
	each := make([]float64, len(r.Containers))
	errs := make([]error, len(r.Containers))
	next := make(chan int)
	var workers sync.WaitGroup
	for i := 0; i < r.AtATime; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range next {
				startedAt := time.Now()
				errs[i] = d.chain(r.Verbs, r.Containers[i])
				each[i] = ms(time.Since(startedAt))
			}
		}()
	}
	for i := range r.Containers {
		next <- i
	}
	close(next)
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return each, nil
}

func (d *driver) chain(verbs []string, c container) error {
	rt, ctx := runtimeConf(c), context.Background()
	for _, verb := range verbs {
		var err error
		switch verb {
		case "ADD":
			_, err = d.cni.AddNetworkList(ctx, d.list, rt)
		case "CHECK":
			err = d.cni.CheckNetworkList(ctx, d.list, rt)
		case "DEL":
			err = d.cni.DelNetworkList(ctx, d.list, rt)
		default:
			err = fmt.Errorf("unknown verb")
		}
		if err != nil {
			return fmt.Errorf("%s of %s: %w", verb, c.ID, err)
		}
	}
	return nil
}

func runtimeConf(c container) *libcni.RuntimeConf {
	rt := &libcni.RuntimeConf{ContainerID: c.ID, NetNS: c.Netns, IfName: "eth0"}
	if c.HostPort > 0 {
		port := map[string]interface{}{"hostPort": c.HostPort, "containerPort": 80, "protocol": "tcp"}
		rt.CapabilityArgs = map[string]interface{}{"portMappings": []interface{}{port}}
	}
	return rt
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
