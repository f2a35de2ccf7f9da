import { availableParallelism, cpus, totalmem } from "node:os";
import type { Device } from "longspan";
import type { Machine } from "./result.js";

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
