import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

/** What the figures were measured on. */
export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryBytes: number;
	readonly system: string;
	readonly node: string;
	readonly v8: string;
	/** Programs that ran or waited to, on average over the minute before. Where it is not near 0, others took part in the measurements. */
	readonly load: number;
}

export function machineFacts(): Machine {
	return {
		cpu: cpus()[0]?.model.trim() ?? "unknown",
		cores: availableParallelism(),
		memoryBytes: totalmem(),
		system: `${platform()} ${release()} ${arch()}`,
		node: process.versions.node,
		v8: process.versions.v8,
		load: loadavg()[0] as number,
	};
}
