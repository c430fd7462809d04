// Rotates queries, keys and values of a step in place: by position, and over their elements. A work-group of head_dim items a head of a token.
#include "prelude.cl"
#include "hadamard.cl"

KERNEL rotate_heads(
    GLOBAL float* qkv, int head_dim, int heads, int kv_heads, const GLOBAL float2* angles, int pairs, int is_interleaved, int key_rotation,
    int value_rotation)
{
    LOCAL float x[MOST_ELEMENTS];
    int head = get_group_id(0), token = get_group_id(1), element = get_local_id(0);
    bool is_value = head >= heads + kv_heads;
    GLOBAL float* row = qkv + ((long)token * (heads + 2 * kv_heads) + head) * head_dim;
    float own = row[element];
    x[element] = own;
    meet();
    if (!is_value && element < 2 * pairs)
    {
        int pair = is_interleaved ? element / 2 : element % pairs;
        bool is_first = is_interleaved ? element % 2 == 0 : element < pairs;
        float partner = x[is_interleaved ? element ^ 1 : is_first ? element + pairs : element - pairs];
        float2 angle = angles[(long)token * pairs + pair];
        own = is_first ? own * angle.x - partner * angle.y : own * angle.x + partner * angle.y;
    }

    meet();
    row[element] = hadamard(own, x, element, is_value ? value_rotation : key_rotation);
}
