export {
	type StarClassifier,
	type StarClassifierOptions,
	type StarClassifierParameters,
	starSequenceClassifier,
	starTokenClassifier,
} from "./classifiers.js";
export type { StarEncoderOptions, StarEncoderParameters, StarForwardOptions } from "./star-body.js";
export { type StarEncoder, starEncoder } from "./star-encoder.js";
