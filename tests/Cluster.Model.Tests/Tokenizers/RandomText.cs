using System.Text;

namespace Cluster.Model.Tests.Tokenizers;

/// <summary>Texts of all that breaks tokenizers: white space, contractions, every Unicode plane, unpaired surrogates.</summary>
internal static class RandomText
{
    private static readonly string[] s_pieces =
    [
        "'s", "'RE", "'ll", "'", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u3000", "\u0085",
        "a", "Hello", "Ünï", "e\u0301", "привет", "你好", "한국어", "हिन्दी", "1", "123", "½", "٣", "𝟜",
        "🦙", "😶‍🌫️", "𐐀", "!", "...", "$", "`", "<|im_end|>", "▁", "Ġ",
        "\u200D", "\0", "\uFFFD", "\uD800", "\uDC00", "\U0010FFFF",
    ];

    public static string Next(Random random, int maxPieces)
    {
        var text = new StringBuilder();
        for (int left = random.Next(maxPieces + 1); left > 0; left--)
        {
            if (random.Next(3) > 0)
                text.Append(s_pieces[random.Next(s_pieces.Length)]);
            else
                text.Append((char)random.Next(1, random.Next(2) == 0 ? 0x80 : 0x10000));
        }
        return text.ToString().Replace("·", "");
    }

    /// <summary>The text with U+FFFD for unpaired surrogates.</summary>
    public static string AsValid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
