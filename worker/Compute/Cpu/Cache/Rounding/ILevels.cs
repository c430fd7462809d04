using System.Numerics;

namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>The integers that a type's codes stand for, ascending with the code.</summary>
internal interface ILevels
{
    /// <summary>The level of code 0, the lowest.</summary>
    static abstract float First { get; }

    /// <summary>The highest level.</summary>
    static abstract float Last { get; }

    static abstract float Level(int code);

    /// <summary>The code of the level nearest to a number; any code for what is no number.</summary>
    static abstract int NearestCode(float x);

    /// <summary>The level nearest to each number.</summary>
    static abstract Vector<float> Nearest(Vector<float> x);
}
