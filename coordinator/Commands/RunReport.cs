using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.Coordinator.CacheFiles;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Planning;

namespace Cluster.Coordinator.Commands;

/// <summary>What a <c>run</c> tells at its end.</summary>
/// <param name="PromptTokens">Ids of the prompt.</param>
/// <param name="Tokens">Ids of what was generated, an end-of-text token included.</param>
/// <param name="Text">What the generated tokens stand for.</param>
/// <param name="KvBytesPerToken">Bytes of keys and values of one token, all ranks together, as the workers counted them.</param>
/// <param name="Summary">How it went.</param>
/// <param name="Restored">What was restored before it, if anything.</param>
/// <param name="Saved">What was saved after it, if anything.</param>
internal sealed record RunReport(
    IReadOnlyList<int> PromptTokens, IReadOnlyList<int> Tokens, string Text, long KvBytesPerToken, GenerationSummary Summary,
    RestoredCache? Restored = null, SavedCache? Saved = null)
{
    private static readonly JsonWriterOptions s_json = new() { Indented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For people.</summary>
    public string Line() => string.Create(CultureInfo.InvariantCulture,
        $"{Summary.PromptTokens} prompt tokens at {Summary.PrefillTokensPerSecond:0.0} tokens/s, {Summary.GeneratedTokens} generated at "
        + $"{Summary.DecodeTokensPerSecond:0.0} tokens/s, {Summary.WireBytesPerToken / 1024:0.0} KiB on the wire per token, KV cache {KvBytesPerToken} bytes per token")
        + (Restored is null ? "" : FileNote("restored", Restored.Tokens.Length, Restored.FileBytes, Restored.Elapsed))
        + (Saved is null ? "" : FileNote("saved", Saved.TokenCount, Saved.FileBytes, Saved.Elapsed));

    /// <summary>For scripts: one object, one line.</summary>
    public void WriteJson(TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_json))
        {
            json.WriteStartObject();
            WriteIds(json, "prompt_tokens", PromptTokens);
            WriteIds(json, "tokens", Tokens);
            json.WriteString("text", Text);
            json.WriteNumber("kv_bytes_per_token", KvBytesPerToken);
            json.WriteNumber("wire_bytes_per_token", Math.Round(Summary.WireBytesPerToken, 1));
            json.WriteNumber("prefill_tokens_per_second", Math.Round(Summary.PrefillTokensPerSecond, 2));
            json.WriteNumber("decode_tokens_per_second", Math.Round(Summary.DecodeTokensPerSecond, 2));
            json.WriteNumber("time_to_first_token_ms", Math.Round(Summary.TimeToFirstToken.TotalMilliseconds, 2));
            if (Restored is not null)
            {
                WriteFile(json, "restored", Restored.Tokens.Length, Restored.FileBytes, Restored.Elapsed);
                json.WriteNumber("cached_tokens", Summary.CachedTokens);
            }

            if (Saved is not null) WriteFile(json, "saved", Saved.TokenCount, Saved.FileBytes, Saved.Elapsed);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static string FileNote(string done, int tokens, long bytes, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture, $", {done} {tokens} tokens ({ByteSize.Format(bytes)} in {elapsed.TotalMilliseconds:0} ms)");

    private static void WriteFile(Utf8JsonWriter json, string name, int tokens, long bytes, TimeSpan elapsed)
    {
        json.WriteStartObject(name);
        json.WriteNumber("tokens", tokens);
        json.WriteNumber("bytes", bytes);
        json.WriteNumber("ms", Math.Round(elapsed.TotalMilliseconds, 2));
        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, string name, IReadOnlyList<int> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids) json.WriteNumberValue(id);
        json.WriteEndArray();
    }
}
