import type { ModelType } from "../auto/model-type.js";
import { encoderDecoderClasses } from "../encoder-decoder/classes.js";
import { readLedPositions } from "./config.js";
import { ledFamily } from "./model.js";

/** LED, the encoder–decoder of Longformer (Beltagy et al. 2020, arXiv 2004.05150, section 7). */
export const ledType: ModelType = {
	prefix: "led.",
	classes: encoderDecoderClasses("LED", ledFamily),
	maxLength: readLedPositions,
};
