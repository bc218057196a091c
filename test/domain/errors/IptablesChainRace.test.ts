/** The words by which it can be told that two plugins made the same chain of iptables at a time. */
import { assert, describe, it } from "@effect/vitest"
import { CniError } from "effect-cni"
import { isChainRace } from "../../../src/domain/errors/IptablesChainRace.ts"

const said = (msg: string, details?: string) =>
  new CniError.PluginError({
    plugin: "firewall",
    path: "/bin/firewall",
    command: "ADD",
    network: "net",
    containerId: "c1",
    ifName: "eth0",
    code: 999,
    msg,
    ...(details !== undefined && { details }),
    exit: { _tag: "Exited", status: 1 },
    stderr: "",
    durationMs: 1
  })

const run = (words: string) => `running [/usr/sbin/iptables -t filter -N CNI-ADMIN --wait]: exit status 1: ${words}\n`

describe("a race for a chain of iptables", () => {
  it.each([
    run("iptables: Chain already exists."),
    run("ip6tables: Chain already exists."),
    run("iptables v1.8.7 (legacy): Chain already exists."),
    run("iptables v1.8.9 (nf_tables):  CHAIN_USER_ADD failed (File exists): chain CNI-ADMIN"),
    run("ip6tables v1.8.10 (nf_tables):  CHAIN_ADD failed (File exists): chain POSTROUTING"),
    `netplugin failed: "${run("iptables: Chain already exists.").replace("\n", "\\n")}": exit status 1`,
    "failed to set up nftables: /dev/stdin:1:1-37: Error: Could not process rule: File exists\ncreate chain inet cni_hostport hostports",
    "running nft [add chain ip nat cni { type nat hook prerouting priority -100; }]: Error: Could not process rule: File exists"
  ])("is seen in %j", (msg) => {
    assert.isTrue(isChainRace(said(msg)))
    assert.isTrue(isChainRace(said("failed", msg)))
  })

  it.each([
    "",
    "failed to create bridge \"cni0\": file exists",
    "could not add \"eth0\": File exists",
    run("iptables: No chain/target/match by that name."),
    run("iptables v1.8.9 (nf_tables):  RULE_APPEND failed (File exists): rule in chain CNI-FORWARD"),
    run("Another app is currently holding the xtables lock."),
    "Error: Could not process rule: File exists\nadd element inet cni_hostport hostports { 80 }"
  ])("is not seen in %j", (msg) => assert.isFalse(isChainRace(said(msg))))

  it("is only a plugin's to say", () => assert.isFalse(isChainRace(new Error("iptables: Chain already exists."))))
})
