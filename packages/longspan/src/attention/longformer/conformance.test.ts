import { describeConformance } from "../../testing/conformance/index.js";
import { longformerCases } from "../../testing/mechanisms/longformer.js";

describeConformance(longformerCases);
