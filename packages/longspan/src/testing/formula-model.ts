import type { ModelType } from "../pretrained/auto/model-type.js";
import { ConfigFields, type ConfigJson } from "../pretrained/config/config-fields.js";
import { loadParameters } from "../pretrained/parameters/load.js";
import type { Task } from "../pretrained/tasks.js";
import type { Device } from "../tensor/device.js";
import { formulaWeights } from "./formula-weights.js";

/** A class of checkpoints with sizes of one's own and weights by formula; `format` as for `loadParameters`. */
export async function formulaModel(
	type: ModelType,
	task: Task,
	config: ConfigJson,
	device: Device,
	format: "float32" | "tensor" = "float32",
) {
	const fields = new ConfigFields("config.json", config);
	const architecture = createClass(type, task, fields);
	const { parameters } = await loadParameters(architecture.declared, formulaWeights(architecture.declared), {
		...{ device, format, prefix: type.prefix },
	});
	return { architecture, parameters };
}

/** Reads a config.json as a class does, to the last field. */
export function createClass(type: ModelType, task: Task, fields: ConfigFields) {
	const modelClass = type.classes[task];
	if (!modelClass) throw new Error(`no class for ${task}`);
	const architecture = modelClass.create(fields);
	type.maxLength(fields);
	fields.ignore("id2label", "label2id", "num_labels", "model_type", "problem_type");
	fields.finish();
	return architecture;
}
