// BF16: elements as they are.
#define FILE_BLOCK 1
#define FILE_BYTES 2
#define ELEMENT uint16

DEVICE float element_value(uint16 element) { return bfloat_to_float(element); }
