// How blocks of 32 codes are scaled, in a plane of its own beside the codes; formats of 256 elements have a second one, of f16 that
// eight blocks share.
#define SCALE_PLAIN 1         // f16 d:               x = d·(q - bias)
#define SCALE_MINIMUM 2       // f16 d, f16 m:        x = d·q + m
#define SCALE_SUPER_MINIMUM 3 // uint8 s, uint8 m:    x = d·s·q - dmin·m,      f16 d and dmin shared
#define SCALE_SUPER_HALVES 4  // int8 s of each 16:   x = d·s·(q - bias),      f16 d shared
