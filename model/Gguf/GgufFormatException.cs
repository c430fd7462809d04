using System.Globalization;
using System.Text;

namespace Cluster.Model.Gguf;

/// <summary>
/// A GGUF file that is malformed, or that does not hold the model that it declares. The message is one line that names the file
/// and, where known, the byte offset and the tensor.
/// </summary>
public sealed class GgufFormatException : Exception
{
    private const int MaxQuoted = 80; // characters of a name from the file that a message repeats

    public GgufFormatException(string problem, string file, long? offset = null, string? tensor = null)
        : base(Describe(problem, file, offset, tensor))
    {
        Problem = problem;
        File = file;
        Offset = offset;
        Tensor = tensor;
    }

    /// <summary>The message without file, offset and tensor.</summary>
    public string Problem { get; }

    /// <summary>Path of the file as it was opened.</summary>
    public string File { get; }

    /// <summary>Byte offset in the file at which the problem shows, where it has one.</summary>
    public long? Offset { get; }

    /// <summary>Name of the tensor concerned, if any.</summary>
    public string? Tensor { get; }

    /// <summary>A name out of a file, fit for one line of text: shortened, control characters escaped.</summary>
    internal static string Quote(ReadOnlySpan<char> name)
    {
        var quoted = new StringBuilder("'");
        foreach (char c in name[..Math.Min(name.Length, MaxQuoted)])
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                quoted.Append(c);
        }
        return quoted.Append(name.Length > MaxQuoted ? "…'" : "'").ToString();
    }

    private static string Describe(string problem, string file, long? offset, string? tensor)
    {
        string where = (offset, tensor) switch
        {
            (null, null) => "",
            (null, _) => $" (tensor {Quote(tensor)})",
            (_, null) => $" (at offset {offset})",
            _ => $" (tensor {Quote(tensor)}, at offset {offset})",
        };
        return $"{file}: {problem}{where}";
    }
}
