import type { Architecture } from "../architecture.js";
import type { ConfigFields } from "../config/config-fields.js";
import type { Task } from "../tasks.js";

/** A class of checkpoints, such as LongformerForMaskedLM. */
export interface ModelClass {
	/** Its name in `architectures` of config.json. */
	readonly name: string;
	/** Reads the sizes of one checkpoint; `ConfigFields.finish` is called by the caller. */
	// biome-ignore lint/suspicious/noExplicitAny: classes differ in inputs and outputs, `TaskTypes` has them by task
	create(fields: ConfigFields): Architecture<any, any>;
}

/** A `model_type` of config.json: its classes by task. */
export interface ModelType {
	/** Prefix of the weights of the base model in checkpoints with a head, such as "longformer." */
	readonly prefix: string;
	readonly classes: { readonly [task in Task]?: ModelClass };
	/** Longest input in tokens; undefined for any. */
	maxLength(fields: ConfigFields): number | undefined;
}
