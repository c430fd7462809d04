using System.Text;
using Cluster.Model.Gguf;

namespace Cluster.Model.Tests.Tokenizers;

/// <summary>The metadata of a GGUF file that holds nothing but a tokenizer; keys may be replaced or removed.</summary>
internal sealed class TokenizerMetadata : Dictionary<string, object?>
{
    public static TokenizerMetadata BytePair() => new()
    {
        ["tokenizer.ggml.model"] = "gpt2",
        ["tokenizer.ggml.pre"] = "gpt-2",
        ["tokenizer.ggml.tokens"] = (string[])[.. TestVocabularies.Bytes, "ab", "<|endoftext|>"],
        ["tokenizer.ggml.token_type"] = (int[])[.. Enumerable.Repeat(1, 257), 3],
        ["tokenizer.ggml.merges"] = new[] { "a b" },
        ["tokenizer.ggml.bos_token_id"] = 257u,
        ["tokenizer.ggml.eos_token_id"] = 257u,
        ["tokenizer.ggml.add_bos_token"] = true,
    };

    public static TokenizerMetadata SentencePiece() => new()
    {
        ["tokenizer.ggml.model"] = "llama",
        ["tokenizer.ggml.tokens"] = new[] { "<unk>", "<s>", "</s>", "<0x61>", "a", "▁", "▁a" },
        ["tokenizer.ggml.token_type"] = new[] { 2, 3, 3, 6, 1, 1, 1 },
        ["tokenizer.ggml.scores"] = new[] { 0, 0, 0, 0, -2f, -2f, -1f },
    };

    public TokenizerMetadata With(string key, object? value)
    {
        this[key] = value;
        return this;
    }

    public GgufMetadata Build()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Serialize());
            using GgufFile file = GgufFile.Open(path);
            return file.Metadata;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private byte[] Serialize()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        KeyValuePair<string, object?>[] pairs = [.. this.Where(pair => pair.Value is not null)];
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write(0L);
        writer.Write((long)pairs.Length);
        foreach ((string key, object? value) in pairs)
        {
            WriteString(writer, key);
            WriteValue(writer, value);
        }
        writer.Write(new byte[64]);
        return stream.ToArray();
    }

    private static void WriteValue(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case uint number:
                writer.Write((int)GgufValueType.UInt32);
                writer.Write(number);
                break;
            case bool flag:
                writer.Write((int)GgufValueType.Bool);
                writer.Write(flag);
                break;
            case string text:
                writer.Write((int)GgufValueType.String);
                WriteString(writer, text);
                break;
            case string[] texts:
                WriteArray(writer, GgufValueType.String, texts, WriteString);
                break;
            case int[] numbers:
                WriteArray(writer, GgufValueType.Int32, numbers, static (to, number) => to.Write(number));
                break;
            case float[] numbers:
                WriteArray(writer, GgufValueType.Float32, numbers, static (to, number) => to.Write(number));
                break;
            default:
                throw new ArgumentException($"no encoding for {value}", nameof(value));
        }
    }

    private static void WriteArray<T>(BinaryWriter writer, GgufValueType type, T[] elements, Action<BinaryWriter, T> write)
    {
        writer.Write((int)GgufValueType.Array);
        writer.Write((int)type);
        writer.Write((long)elements.Length);
        foreach (T element in elements)
            write(writer, element);
    }

    private static void WriteString(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }
}
