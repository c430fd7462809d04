using System.Text;

namespace Cluster.Compute.Gpu;

/// <summary>A program to compile: source files one after the other, under definitions.</summary>
internal sealed class KernelProgram
{
    private readonly StringBuilder _text = new();

    /// <summary>What the compiler is given.</summary>
    public string Text => _text.ToString();

    public KernelProgram Define(string name, int value)
    {
        _text.Append("#define ").Append(name).Append(' ').Append(value).Append('\n');
        return this;
    }

    public KernelProgram Undefine(string name)
    {
        _text.Append("#undef ").Append(name).Append('\n');
        return this;
    }

    public KernelProgram Include(string file)
    {
        _text.Append("#include \"").Append(file).Append("\"\n");
        return this;
    }
}
