import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";

/** What the figures were measured on. */
export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryBytes: number;
	readonly system: string;
	readonly node: string;
	readonly v8: string;
}

export function machineFacts(): Machine {
	return {
		cpu: cpus()[0]?.model.trim() ?? "unknown",
		cores: availableParallelism(),
		memoryBytes: totalmem(),
		system: `${platform()} ${release()} ${arch()}`,
		node: process.versions.node,
		v8: process.versions.v8,
	};
}
