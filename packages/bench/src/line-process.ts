import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that answers each line with a line. */
export interface LineProcess {
	/** The next line it prints, without a question. Rejects if it ends instead. */
	answer(): Promise<string>;
	/** Its answer to a line. */
	ask(line: string): Promise<string>;
	stop(): void;
}

/**
 * Starts a process.
 *
 * @param name what it is called in errors
 */
export function startLineProcess(name: string, command: string, args: readonly string[]): LineProcess {
	const child: ChildProcess = spawn(command, [...args], { stdio: ["pipe", "pipe", "inherit"] });
	const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
	const failed = once(child, "error").then(([error]) => {
		throw error;
	});
	// Answers that nobody waits for must not end this process.
	failed.catch(() => {});
	child.stdin?.on("error", () => {});
	const answer = async (): Promise<string> => {
		const line = await Promise.race([lines.next(), failed]);
		if (line.done) throw new Error(`${name} ended without an answer`);
		return line.value;
	};
	return {
		answer,
		ask(line) {
			child.stdin?.write(`${line}\n`);
			return answer();
		},
		stop: () => void child.kill(),
	};
}
