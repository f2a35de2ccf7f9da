import { describeGoldenEncoders } from "../../testing/golden-encoders.js";
import { bigBirdType } from "./index.js";

describeGoldenEncoders(bigBirdType, [
	"bigbird-full",
	"bigbird-mlm",
	"bigbird-mlm-b64",
	"bigbird-mlm-seeded",
	"bigbird-qa",
	"bigbird-seqcls",
]);
