// A matrix of plain elements: rows padded with zeros to whole eights, so that sixteen bytes are read at once.

struct MatrixPlanes
{
    const ELEMENT* elements;
    const float* bias; // null: none
    int rows;
    int first_output;  // where in an output row the matrix's part begins
};

#define MAX_MATRICES 4
struct MatrixGroup
{
    MatrixPlanes matrices[MAX_MATRICES];
    int count;
};

struct Eight
{
    float x[8];
};

DEVICE Eight load_eight(const float* elements)
{
    float4 low = ((const float4*)elements)[0], high = ((const float4*)elements)[1];
    Eight e = { { low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w } };
    return e;
}

DEVICE Eight load_eight(const uint16* elements)
{
    uint4 v = *(const uint4*)elements;
    uint32 words[4] = { v.x, v.y, v.z, v.w };
    Eight e;
#pragma unroll
    for (int k = 0; k < 8; k++) e.x[k] = element_value((ELEMENT)(words[k / 2] >> k % 2 * 16));
    return e;
}
