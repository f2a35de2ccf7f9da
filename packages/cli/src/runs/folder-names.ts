import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Digits of a step, so that folders sort by it. */
const digits = 8;

/** Names within the folder of a run. */
export const runFiles = { checkpoints: "checkpoints", metrics: "metrics.jsonl", lock: "lock" } as const;

/** What a folder is on its way to be, or to be gone. Complete checkpoints have no such word before their names. */
export type Passing = "draft" | "replaced" | "removed";

/** Name of the folder of a checkpoint: step 1000 is "step-00001000". */
export function checkpointName(step: number): string {
	return `step-${String(step).padStart(digits, "0")}`;
}

/** Name of a folder that is no checkpoint yet, or no longer. */
export function passingName(kind: Passing, step: number): string {
	return `${kind}-${checkpointName(step)}`;
}

interface Found {
	readonly path: string;
	readonly step: number;
	/** null for a checkpoint. */
	readonly passing: Passing | null;
}

/** The folders of checkpoints in the folder of a run, by step; none if there is no such folder. Others are passed over. */
export function checkpointFolders(run: string): Found[] {
	const folder = join(run, runFiles.checkpoints);
	if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
	const found = readdirSync(folder).flatMap((name): Found[] => {
		const [, passing, step] = /^(?:(draft|replaced|removed)-)?step-(\d+)$/.exec(name) ?? [];
		if (step === undefined) return [];
		return [{ path: join(folder, name), step: Number(step), passing: (passing as Passing | undefined) ?? null }];
	});
	return found.sort((a, b) => a.step - b.step);
}
