import { exitCode } from "../errors.js";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Whether someone wants a run to end. */
export interface Interrupt {
	readonly requested: boolean;
	/** Leaves signals to themselves again. */
	stop(): void;
}

/** Listens for Ctrl-C: the first is for the run to heed, and told of on stderr; the second ends the process at once. */
export function listenForInterrupt(): Interrupt {
	let requested = false;
	const heed = () => {
		if (requested) process.exit(exitCode.interrupted);
		requested = true;
		process.stderr.write("\nsaving after this step; Ctrl-C again ends at once, without that\n");
	};
	for (const signal of signals) process.on(signal, heed);
	return {
		get requested() {
			return requested;
		},
		stop() {
			for (const signal of signals) process.off(signal, heed);
		},
	};
}
