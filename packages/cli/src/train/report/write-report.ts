import { join } from "node:path";
import { writeWholeFile } from "../../output/write-file.js";
import type { History } from "../history.js";
import type { RunDescription, RunResult } from "../result.js";

/** Where the report of a run is. */
export function reportPath(folder: string): string {
	return join(folder, "report.html");
}

/** Writes the report of a run into its folder, in place of the one before. */
export async function writeReport(result: RunResult, description: RunDescription, history: History): Promise<void> {
	// Loaded where it is wanted only.
	const { reportPage } = await import("./page.js");
	writeWholeFile(reportPath(result.folder), reportPage(result, description, history));
}
