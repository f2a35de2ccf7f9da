import { describeConformance } from "../../testing/conformance/index.js";
import { efficientCases } from "../../testing/mechanisms/efficient.js";

describeConformance(efficientCases);
