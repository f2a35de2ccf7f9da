import { bartType } from "../bart/index.js";
import { bertType, robertaType } from "../bert/index.js";
import { bigBirdType } from "../big-bird/index.js";
import { bigBirdPegasusType } from "../big-bird-pegasus/index.js";
import { ledType } from "../led/index.js";
import { longformerType } from "../longformer/index.js";
import { reformerType } from "../reformer/index.js";
import type { ModelType } from "./model-type.js";

/** What can be loaded, by `model_type` of config.json. */
export const modelTypes: Readonly<Record<string, ModelType>> = {
	bart: bartType,
	bert: bertType,
	big_bird: bigBirdType,
	bigbird_pegasus: bigBirdPegasusType,
	led: ledType,
	longformer: longformerType,
	reformer: reformerType,
	roberta: robertaType,
};
