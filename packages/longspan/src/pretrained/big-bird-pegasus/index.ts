import type { ModelType } from "../auto/model-type.js";
import { encoderDecoderClasses } from "../encoder-decoder/classes.js";
import { readBigBirdPegasusPositions } from "./config.js";
import { bigBirdPegasusFamily } from "./model.js";

/** BigBird-Pegasus (Zaheer et al. 2020, arXiv 2007.14062, section 4). */
export const bigBirdPegasusType: ModelType = {
	prefix: "model.",
	classes: encoderDecoderClasses("BigBirdPegasus", bigBirdPegasusFamily),
	maxLength: readBigBirdPegasusPositions,
};
