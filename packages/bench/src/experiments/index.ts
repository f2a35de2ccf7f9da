import { duplication } from "./duplication/index.js";
import type { Experiment } from "./experiment.js";
import { linearGeneration } from "./linear-generation/index.js";
import { linformerTable } from "./linformer-table/index.js";
import { listOps } from "./list-ops/index.js";
import { longDocuments } from "./long-documents/index.js";
import { reformerSpeed } from "./reformer-speed/index.js";
import { retrieval } from "./retrieval/index.js";
import { reversibleMemory } from "./reversible-memory/index.js";
import { sparseTable } from "./sparse-table/index.js";

/** By the name on the command line, in the order of the report. */
export const experiments: Readonly<Record<string, Experiment>> = {
	"linear-generation": linearGeneration,
	"linformer-table": linformerTable,
	"reformer-speed": reformerSpeed,
	duplication,
	"reversible-memory": reversibleMemory,
	"sparse-table": sparseTable,
	retrieval,
	"list-ops": listOps,
	"long-documents": longDocuments,
};
