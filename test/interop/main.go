// Runs one operation of libcni: driver COMMAND CACHEDIR PLUGINPATH CONFLISTFILE CONTAINERID NETNS IFNAME [ARGUMENTS],
// where COMMAND is add, check, del or result, and ARGUMENTS is JSON with the members args and capabilityArgs.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types"
)

func main() {
	result, err := run(os.Args[1:])
	if err == nil && result != nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) (types.Result, error) {
	if len(args) < 7 {
		return nil, fmt.Errorf("too few arguments: %q", args)
	}
	command, cni := args[0], libcni.NewCNIConfigWithCacheDir(filepath.SplitList(args[2]), args[1], nil)
	list, err := libcni.ConfListFromFile(args[3])
	if err != nil {
		return nil, err
	}
	rt := &libcni.RuntimeConf{ContainerID: args[4], NetNS: args[5], IfName: args[6]}
	if len(args) > 7 {
		if err := json.Unmarshal([]byte(args[7]), rt); err != nil {
			return nil, err
		}
	}
	switch command {
	case "add":
		return cni.AddNetworkList(context.Background(), list, rt)
	case "check":
		return nil, cni.CheckNetworkList(context.Background(), list, rt)
	case "del":
		return nil, cni.DelNetworkList(context.Background(), list, rt)
	case "result":
		return cni.GetNetworkListCachedResult(list, rt)
	}
	return nil, fmt.Errorf("unknown command %q", command)
}
