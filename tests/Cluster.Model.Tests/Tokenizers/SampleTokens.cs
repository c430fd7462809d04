namespace Cluster.Model.Tests.Tokenizers;

/// <summary>Prompts of the shipped sample model with the ids that its author's tokenizer gives them; the first is BOS.</summary>
internal static class SampleTokens
{
    public static IReadOnlyList<(string Text, int[] Ids)> Prompts { get; } =
    [
        ("Once upon a time there was a little girl", [0, 4299, 674, 261, 577, 474, 326, 261, 610, 1032]),
        ("The old man sat by the fire and", [0, 467, 676, 456, 1041, 434, 264, 1422, 289]),
        ("<|im_start|>user\nWhat is your favorite movie?<|im_end|>\n<|im_start|>assistant\n",
            [0, 1, 363, 201, 656, 347, 500, 1688, 995, 33, 2, 201, 1, 364, 201]),
        ("The king said to his three sons, \"Whoever brings me the golden bird shall",
            [0, 467, 1419, 422, 282, 352, 1001, 4757, 14, 385, 1739, 901, 7124, 379, 264, 3817, 2112, 838]),
    ];
}
