import type { ModelType } from "../auto/model-type.js";
import { encoderDecoderClasses } from "../encoder-decoder/classes.js";
import { readBartPositions } from "./config.js";
import { bartFamily } from "./model.js";

/** BART (Lewis et al. 2019, arXiv 1910.13461). */
export const bartType: ModelType = {
	prefix: "model.",
	classes: encoderDecoderClasses("Bart", bartFamily),
	maxLength: readBartPositions,
};
