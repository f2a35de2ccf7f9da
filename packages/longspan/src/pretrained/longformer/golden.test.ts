import { describeGoldenEncoders } from "../../testing/golden-encoders.js";
import { longformerType } from "./index.js";

describeGoldenEncoders(longformerType, ["longformer-mlm", "longformer-qa", "longformer-seqcls", "longformer-tokencls"]);
