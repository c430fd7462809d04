using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.Coordinator.Planning;
using Cluster.Model.Gguf;
using Spectre.Console;

namespace Cluster.Coordinator.Commands;

/// <summary>What is in a model file, for people and for scripts.</summary>
internal static class InspectReport
{
    /// <summary>Elements of an array, and characters of a text, that are shown.</summary>
    private const int ShownElements = 8, ShownCharacters = 100;

    private static readonly JsonWriterOptions s_json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteTables(GgufFile file, IAnsiConsole console)
    {
        var metadata = new Table { Border = TableBorder.Simple }.AddColumns("Key", "Value");
        foreach (var (key, value) in file.Metadata.Entries) metadata.AddRow(Markup.Escape(Printable(key)), Markup.Escape(Show(value)));
        console.Write(metadata);

        var tensors = new Table { Border = TableBorder.Simple }.AddColumns("Tensor", "Type", "Shape");
        tensors.AddColumn("MiB", column => column.RightAligned());
        foreach (var tensor in file.Tensors)
            tensors.AddRow(Markup.Escape(Printable(tensor.Name)), tensor.Type.ToString(), Markup.Escape(tensor.Shape), ByteSize.InMiB(tensor.ByteCount, decimals: 2));
        console.Write(tensors);

        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"GGUF version {file.Version}: {file.Metadata.Count} keys, {file.Tensors.Count} tensors, "
            + $"{file.Tensors.Sum(tensor => tensor.ElementCount) / 1e6:N1} M parameters, {ByteSize.Format(file.Length)}"));
    }

    public static void WriteJson(GgufFile file, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_json))
        {
            json.WriteStartObject();
            json.WriteNumber("version", file.Version);
            json.WriteNumber("bytes", file.Length);
            json.WriteStartObject("metadata");
            foreach (var (key, value) in file.Metadata.Entries)
            {
                json.WritePropertyName(key);
                WriteValue(json, value);
            }

            json.WriteEndObject();
            json.WriteStartArray("tensors");
            foreach (var tensor in file.Tensors) WriteTensor(json, tensor);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void WriteTensor(Utf8JsonWriter json, GgufTensor tensor)
    {
        json.WriteStartObject();
        json.WriteString("name", tensor.Name);
        json.WriteString("type", tensor.Type.ToString());
        json.WriteStartArray("shape");
        foreach (var dimension in tensor.Dimensions) json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteNumber("offset", tensor.Offset);
        json.WriteNumber("bytes", tensor.ByteCount);
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case bool boolean:
                json.WriteBooleanValue(boolean);
                break;
            // JSON has no word for these.
            case float number when !float.IsFinite(number):
            case double wide when !double.IsFinite(wide):
                json.WriteStringValue(Show(value));
                break;
            case IFormattable number:
                json.WriteRawValue(number.ToString(null, CultureInfo.InvariantCulture));
                break;
            case IEnumerable array:
                json.WriteStartArray();
                foreach (var element in array) WriteValue(json, element);
                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Show(value));
                break;
        }
    }

    private static string Show(object value) => value switch
    {
        string text => Shorten(Printable(text)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IReadOnlyCollection<string> strings => ShowArray(strings, strings.Count),
        Array array => ShowArray(array.Cast<object>(), array.Length),
        _ => Shorten(Printable(value.ToString() ?? "")),
    };

    private static string ShowArray(IEnumerable<object> elements, int count)
    {
        var shown = string.Join(", ", elements.Take(ShownElements).Select(Show));
        return count > ShownElements ? $"[{shown}, … {count} in all]" : $"[{shown}]";
    }

    private static string Shorten(string text) => text.Length > ShownCharacters ? $"{text[..ShownCharacters]}…" : text;

    private static string Printable(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) ? '␣' : source[i];
    });
}
