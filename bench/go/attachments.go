// What libcni 1.1.2 lacks: listing attachments, and GC. Both as later versions do them, step by step and one by one.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/containernetworking/cni/libcni"
)

type cachedInfo struct {
	Kind           string                 `json:"kind"`
	ContainerID    string                 `json:"containerId"`
	Config         []byte                 `json:"config"`
	IfName         string                 `json:"ifName"`
	NetworkName    string                 `json:"networkName"`
	CniArgs        [][2]string            `json:"cniArgs,omitempty"`
	CapabilityArgs map[string]interface{} `json:"capabilityArgs,omitempty"`
	RawResult      map[string]interface{} `json:"result,omitempty"`
}

type attachment struct {
	containerID    string
	network        string
	ifName         string
	config         []byte
	cniArgs        [][2]string
	capabilityArgs map[string]interface{}
}

// The attachments in the cache, of one container unless its ID is empty.
func (d *driver) attachments(containerID string) ([]attachment, error) {
	directory := filepath.Join(d.cacheDir, "results")
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	sort.Strings(names)
	found := []attachment{}
	for _, name := range names {
		if containerID != "" && !strings.Contains(name, "-"+containerID+"-") {
			continue
		}
		bytes, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			continue
		}
		info := cachedInfo{}
		if err := json.Unmarshal(bytes, &info); err != nil || info.Kind != libcni.CNICacheV1 {
			continue
		}
		if (containerID != "" && info.ContainerID != containerID) || info.IfName == "" || info.NetworkName == "" {
			continue
		}
		found = append(found, attachment{
			info.ContainerID, info.NetworkName, info.IfName, info.Config, info.CniArgs, info.CapabilityArgs,
		})
	}
	return found, nil
}

// Deletes every attachment of the network. Later versions find the namespace in the record; here the request names it.
func (d *driver) gc(containers []container) (int, error) {
	namespaces := make(map[string]string, len(containers))
	for _, c := range containers {
		namespaces[c.ID] = c.Netns
	}
	found, err := d.attachments("")
	if err != nil {
		return 0, err
	}
	deleted := 0
	for _, a := range found {
		if a.network != d.list.Name {
			continue
		}
		rt := &libcni.RuntimeConf{
			ContainerID:    a.containerID,
			NetNS:          namespaces[a.containerID],
			IfName:         a.ifName,
			Args:           a.cniArgs,
			CapabilityArgs: a.capabilityArgs,
		}
		if err := d.cni.DelNetworkList(context.Background(), d.list, rt); err != nil {
			return deleted, fmt.Errorf("DEL of %s: %w", a.containerID, err)
		}
		deleted++
	}
	return deleted, nil
}
