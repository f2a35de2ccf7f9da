import { describeConformance } from "../../testing/conformance/index.js";
import { fullCases } from "../../testing/mechanisms/full.js";

describeConformance(fullCases);
