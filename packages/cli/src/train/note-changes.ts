import { formatCount } from "../output/format.js";
import type { RunState } from "./state.js";

/** Tells on stderr what is no longer as it was in the first part of a run, so that it will not end as it would have. */
export function noteChanges(before: Pick<RunState, "data" | "device">, now: Pick<RunState, "data" | "device">): void {
	const size = ({ data: { files, trainBytes, heldOutBytes } }: Pick<RunState, "data">) =>
		`${formatCount(files)} ${files === 1 ? "file" : "files"} of ${formatCount(trainBytes + heldOutBytes)} bytes`;
	if (JSON.stringify(before.data) !== JSON.stringify(now.data))
		process.stderr.write(
			`the data have changed: ${size(before)} before, ${size(now)} now; the run goes on with them, not as it would have\n`,
		);
	// Results are the same on any number of threads.
	const [old, own] = [before.device, now.device].map((device) => device.replace(/, \d+ threads?/, ""));
	if (old !== own)
		process.stderr.write(`the run was computed on ${old}, now it is on ${own}: the last digits may differ\n`);
}
