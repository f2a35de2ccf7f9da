import type { Bench } from "../bench.js";
import type { SuiteReport } from "../report.js";

export interface Suite {
	/** What it measures, in a line. */
	readonly summary: string;
	run(bench: Bench): Promise<SuiteReport>;
}
