/** How the processes of the test begin: everything is loaded before they are told to go, so that no time is lost then. */

/** Says that it is ready, and waits for the name of its plan. It ends when nobody is left to kill it. */
export const standby = (): Promise<string> =>
  new Promise((resolve) => {
    let told = ""
    process.stdin.on("data", (chunk: Buffer) => {
      told += chunk.toString()
      if (told.endsWith("\n")) resolve(told.trimEnd())
    })
    process.stdin.on("end", () => process.kill(process.pid, "SIGKILL"))
    console.log("ready")
  })
