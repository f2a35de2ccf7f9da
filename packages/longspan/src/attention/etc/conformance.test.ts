import { describeConformance } from "../../testing/conformance/index.js";
import { etcCases } from "../../testing/mechanisms/etc.js";

describeConformance(etcCases);
