package main

import _ "time/tzdata" // for --zone: Windows has its own zones, and not these
