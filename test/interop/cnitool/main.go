// Does what cnitool 1.1.2 does with the libcni that it is built with, but that records are kept in CNI_CACHE_DIR:
// cnitool {add|check|del} NETWORK NETNS.
package main

import (
	"context"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containernetworking/cni/libcni"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(command, network, netns string) error {
	list, err := libcni.LoadConfList(os.Getenv("NETCONFPATH"), network)
	if err != nil {
		return err
	}
	rt, err := runtimeConf(netns)
	if err != nil {
		return err
	}
	cni := libcni.NewCNIConfigWithCacheDir(filepath.SplitList(os.Getenv("CNI_PATH")), os.Getenv("CNI_CACHE_DIR"), nil)
	switch command {
	case "add":
		result, err := cni.AddNetworkList(context.Background(), list, rt)
		if result != nil {
			_ = result.Print()
		}
		return err
	case "check":
		return cni.CheckNetworkList(context.Background(), list, rt)
	case "del":
		return cni.DelNetworkList(context.Background(), list, rt)
	}
	return fmt.Errorf("unknown command %q", command)
}

func runtimeConf(netns string) (*libcni.RuntimeConf, error) {
	path, err := filepath.Abs(netns)
	if err != nil {
		return nil, err
	}
	rt := &libcni.RuntimeConf{NetNS: path, IfName: "eth0"}
	rt.ContainerID = fmt.Sprintf("cnitool-%x", sha512.Sum512([]byte(path)))[:len("cnitool-")+20]
	if name, ok := os.LookupEnv("CNI_IFNAME"); ok {
		rt.IfName = name
	}
	if text := os.Getenv("CAP_ARGS"); text != "" {
		if err := json.Unmarshal([]byte(text), &rt.CapabilityArgs); err != nil {
			return nil, err
		}
	}
	rt.Args, err = arguments(os.Getenv("CNI_ARGS"))
	return rt, err
}

func arguments(text string) ([][2]string, error) {
	var result [][2]string
	if text == "" {
		return result, nil
	}
	for _, pair := range strings.Split(text, ";") {
		kv := strings.Split(pair, "=")
		if len(kv) != 2 || kv[0] == "" || kv[1] == "" {
			return nil, fmt.Errorf("invalid CNI_ARGS pair %q", pair)
		}
		result = append(result, [2]string{kv[0], kv[1]})
	}
	return result, nil
}
