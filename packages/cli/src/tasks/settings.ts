import type { ModelSettings } from "../pipelines/model-options.js";
import type { ReadingSettings } from "../pipelines/reading-options.js";
import type { DocumentTask } from "./document-task.js";

/** What one run over documents does: the options of the command, checked. */
export interface TaskSettings extends ModelSettings {
	/** Name of the verb. */
	readonly verb: string;
	readonly task: DocumentTask;
	readonly reading: ReadingSettings;
	/** Files, folders and patterns; "-" for standard input. */
	readonly files: readonly string[];
	/** File that results are added to; null for stdout. */
	readonly out: string | null;
	readonly json: boolean;
}
