//! Secrets of source hosting, continuous integration and package registries.

use super::{ALNUM, DOTTED, HEX, TOKEN, head};
use crate::redact::rule::Part::{Exact, Lit, Run};
use crate::redact::rule::Severity::{Critical, High, Medium};
use crate::redact::rule::{Check, Rule};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    head("github-classic-pat", "GitHub", Critical, &["ghp_"], &[Run(ALNUM, 30, 36)], TOKEN).checked(Check::Base62Crc),
    head("github-fine-grained-pat", "GitHub", Critical, &["github_pat_"], &[Run(TOKEN, 35, 82)], TOKEN),
    head("github-oauth-token", "GitHub", Critical, &["gho_"], &[Run(ALNUM, 30, 36)], TOKEN).checked(Check::Base62Crc),
    head("github-user-token", "GitHub", Critical, &["ghu_"], &[Run(ALNUM, 30, 36)], DOTTED).checked(Check::Base62Crc),
    head("github-app-token", "GitHub", Critical, &["ghs_"], &[Run(TOKEN, 30, 36)], DOTTED).checked(Check::Base62Crc).mixed(),
    head("github-refresh-token", "GitHub", Critical, &["ghr_"], &[Run(ALNUM, 30, 76)], TOKEN).checked(Check::Base62Crc),
    head("gitlab-pat", "GitLab", Critical, &["glpat-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-deploy-token", "GitLab", High, &["gldt-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-runner-token", "GitLab", High, &["glrt-", "GR1348941"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-trigger-token", "GitLab", High, &["glptt-"], &[Run(TOKEN, 20, 40)], DOTTED),
    head("gitlab-job-token", "GitLab", Medium, &["glcbt-"], &[Run(TOKEN, 20, 25)], DOTTED),
    head("gitlab-service-token", "GitLab", High, &["glft-", "glimt-", "glagent-", "glsoat-", "gloas-", "glffct-"], &[Run(TOKEN, 20, 25)], DOTTED),
    head("npm-token", "npm", Critical, &["npm_"], &[Run(ALNUM, 30, 36)], TOKEN).checked(Check::Base62Crc),
    head("pypi-token", "PyPI", Critical, &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], &[Run(TOKEN, 50, 150)], TOKEN),
    head("rubygems-token", "RubyGems", Critical, &["rubygems_"], &[Run(HEX, 40, 48)], TOKEN),
    head("docker-token", "Docker", Critical, &["dckr_pat_", "dckr_oat_"], &[Run(TOKEN, 20, 27)], TOKEN),
    head("clojars-token", "Clojars", Critical, &["CLOJARS_"], &[Run(ALNUM, 50, 60)], TOKEN),
    head("artifactory-key", "JFrog", Critical, &["AKCp"], &[Run(ALNUM, 60, 69)], TOKEN),
    head("postman-key", "Postman", High, &["PMAK-"], &[Exact(ALNUM, 24), Lit("-"), Run(ALNUM, 30, 34)], TOKEN),
    head("sonar-token", "SonarQube", High, &["squ_", "sqp_", "sqa_"], &[Run(HEX, 40, 40)], TOKEN),
    head("buildkite-token", "Buildkite", High, &["bkua_"], &[Run(ALNUM, 40, 40)], TOKEN),
];
