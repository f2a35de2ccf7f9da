import { availableParallelism, cpus, totalmem } from "node:os";
import type { Device } from "longspan";
import { formatBytes } from "./output/format.js";

/** The machine that something ran on. */
export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryBytes: number;
	readonly platform: string;
	readonly node: string;
	/** The tensor core's device: build and threads. */
	readonly device: string;
}

/** Describes the machine and the device the tensor core runs on. */
export function describeMachine(device: Device): Machine {
	return {
		cpu: cpus()[0]?.model.trim() ?? "unknown",
		cores: availableParallelism(),
		memoryBytes: totalmem(),
		platform: `${process.platform} ${process.arch}`,
		node: process.version,
		device: device.description,
	};
}

/** The machine in one line. */
export function machineLine({ cpu, cores, memoryBytes, platform, node, device }: Machine): string {
	return `${cpu}, ${cores} cores, ${formatBytes(memoryBytes)}, ${platform}, Node ${node.replace(/^v/, "")}, ${device}`;
}
