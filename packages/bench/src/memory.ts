import type { Device } from "longspan";
import type { Contestant } from "./contestant.js";

/** The peak of the device's memory during one call, less what was alive before it. `run` must be synchronous. */
export function bytesBeyondOperands(device: Device, { run }: Contestant): number {
	const before = device.memoryStats().liveBytes;
	device.resetPeakMemory();
	run();
	return device.memoryStats().peakBytes - before;
}
