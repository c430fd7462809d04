using System.Text;
using Cluster.Compute.Cuda.Compilation;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.OpenCl.Compilation;

/// <summary>
/// The OpenCL C files of this assembly, and those of CUDA C that are written so that both can read them. Drivers are given one text, so files
/// are put where a line includes them.
/// </summary>
internal static class OpenClSources
{
    private const string Include = "#include \"";

    private static readonly Dictionary<string, string> s_files =
        KernelSources.All.Concat(KernelFiles.Read("OpenClKernels/")).ToDictionary(file => file.Name, file => Encoding.UTF8.GetString(file.Text));

    /// <summary>A program's text with every file that it includes.</summary>
    public static string Expand(KernelProgram program)
    {
        var text = new StringBuilder();
        Append(text, program.Text);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string source)
    {
        foreach (var line in source.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Include)) Append(text, s_files[line[Include.Length..].TrimEnd('"').ToString()]);
            else text.Append(line).Append('\n');
        }
    }
}
