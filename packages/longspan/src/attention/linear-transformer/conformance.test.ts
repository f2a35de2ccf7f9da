import { describeConformance } from "../../testing/conformance/index.js";
import { linearCases } from "../../testing/mechanisms/linear-transformer.js";

describeConformance(linearCases);
