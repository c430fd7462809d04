// Eight activations of a row, zeros behind its end.
DEVICE float8 load_activations(const GLOBAL float* row, int column, int columns)
{
    if (column + 8 <= columns) return vload8(0, row + column);
    float x[8];
    for (int k = 0; k < 8; k++) x[k] = column + k < columns ? row[column + k] : 0.0f;
    return vload8(0, x);
}
