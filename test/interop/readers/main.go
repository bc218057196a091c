// Reads the cache files of a directory again and again, as libcni does, and fails at one that is torn:
// readers DIRECTORY READS. Prints how many different contents it has seen.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

type cached struct {
	Kind        string          `json:"kind"`
	ContainerID string          `json:"containerId"`
	Config      []byte          `json:"config"`
	IfName      string          `json:"ifName"`
	NetworkName string          `json:"networkName"`
	RawResult   json.RawMessage `json:"result"`
}

func main() {
	reads, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	seen := map[string]bool{}
	for count := 0; count < reads; count++ {
		name := fmt.Sprintf("net-c%d-eth0", count%20)
		bytes, err := os.ReadFile(filepath.Join(os.Args[1], name))
		if os.IsNotExist(err) {
			continue
		}
		record := cached{}
		if err == nil {
			err = json.Unmarshal(bytes, &record)
		}
		if err != nil || record.Kind != "cniCacheV1" {
			fmt.Fprintf(os.Stderr, "read %d of %s: %v\n", count, name, err)
			os.Exit(1)
		}
		seen[fmt.Sprintf("%s %d", name, len(bytes))] = true
	}
	fmt.Println(len(seen))
}
