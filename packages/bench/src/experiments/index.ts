import type { Experiment } from "./experiment.js";
import { linearGeneration } from "./linear-generation/index.js";
import { linformerTable } from "./linformer-table/index.js";
import { reformerSpeed } from "./reformer-speed/index.js";

/** By the name on the command line, in the order of the report. */
export const experiments: Readonly<Record<string, Experiment>> = {
	"linear-generation": linearGeneration,
	"linformer-table": linformerTable,
	"reformer-speed": reformerSpeed,
};
